"""The names that countries and states go by; `roster.domain.places` looks them up.

Countries are those of ISO 3166-1, with English names as in the tz database (public domain). States
are ISO 3166-2 subdivisions, for India as its vehicle and tax papers write them since 2020.
"""

COUNTRIES = """
AD Andorra; AE United Arab Emirates; AF Afghanistan; AG Antigua & Barbuda; AI Anguilla;
AL Albania; AM Armenia; AO Angola; AQ Antarctica; AR Argentina; AS American Samoa; AT Austria;
AU Australia; AW Aruba; AX Åland Islands; AZ Azerbaijan; BA Bosnia & Herzegovina; BB Barbados;
BD Bangladesh; BE Belgium; BF Burkina Faso; BG Bulgaria; BH Bahrain; BI Burundi; BJ Benin;
BL Saint Barthélemy; BM Bermuda; BN Brunei; BO Bolivia; BQ Caribbean Netherlands; BR Brazil;
BS Bahamas; BT Bhutan; BV Bouvet Island; BW Botswana; BY Belarus; BZ Belize; CA Canada;
CC Cocos Islands; CD Democratic Republic of the Congo; CF Central African Republic; CG Congo;
CH Switzerland; CI Côte d'Ivoire; CK Cook Islands; CL Chile; CM Cameroon; CN China; CO Colombia;
CR Costa Rica; CU Cuba; CV Cape Verde; CW Curaçao; CX Christmas Island; CY Cyprus; CZ Czechia;
DE Germany; DJ Djibouti; DK Denmark; DM Dominica; DO Dominican Republic; DZ Algeria; EC Ecuador;
EE Estonia; EG Egypt; EH Western Sahara; ER Eritrea; ES Spain; ET Ethiopia; FI Finland; FJ Fiji;
FK Falkland Islands; FM Micronesia; FO Faroe Islands; FR France; GA Gabon; GB United Kingdom;
GD Grenada; GE Georgia; GF French Guiana; GG Guernsey; GH Ghana; GI Gibraltar; GL Greenland;
GM Gambia; GN Guinea; GP Guadeloupe; GQ Equatorial Guinea; GR Greece; GS South Georgia;
GT Guatemala; GU Guam; GW Guinea-Bissau; GY Guyana; HK Hong Kong;
HM Heard Island and McDonald Islands; HN Honduras; HR Croatia; HT Haiti; HU Hungary;
ID Indonesia; IE Ireland; IL Israel; IM Isle of Man; IN India;
IO British Indian Ocean Territory; IQ Iraq; IR Iran; IS Iceland; IT Italy; JE Jersey;
JM Jamaica; JO Jordan; JP Japan; KE Kenya; KG Kyrgyzstan; KH Cambodia; KI Kiribati; KM Comoros;
KN Saint Kitts and Nevis; KP North Korea; KR South Korea; KW Kuwait; KY Cayman Islands;
KZ Kazakhstan; LA Laos; LB Lebanon; LC Saint Lucia; LI Liechtenstein; LK Sri Lanka; LR Liberia;
LS Lesotho; LT Lithuania; LU Luxembourg; LV Latvia; LY Libya; MA Morocco; MC Monaco; MD Moldova;
ME Montenegro; MF Saint Martin; MG Madagascar; MH Marshall Islands; MK North Macedonia; ML Mali;
MM Myanmar; MN Mongolia; MO Macau; MP Northern Mariana Islands; MQ Martinique; MR Mauritania;
MS Montserrat; MT Malta; MU Mauritius; MV Maldives; MW Malawi; MX Mexico; MY Malaysia;
MZ Mozambique; NA Namibia; NC New Caledonia; NE Niger; NF Norfolk Island; NG Nigeria;
NI Nicaragua; NL Netherlands; NO Norway; NP Nepal; NR Nauru; NU Niue; NZ New Zealand; OM Oman;
PA Panama; PE Peru; PF French Polynesia; PG Papua New Guinea; PH Philippines; PK Pakistan;
PL Poland; PM Saint Pierre and Miquelon; PN Pitcairn; PR Puerto Rico; PS Palestine; PT Portugal;
PW Palau; PY Paraguay; QA Qatar; RE Réunion; RO Romania; RS Serbia; RU Russia; RW Rwanda;
SA Saudi Arabia; SB Solomon Islands; SC Seychelles; SD Sudan; SE Sweden; SG Singapore;
SH Saint Helena; SI Slovenia; SJ Svalbard & Jan Mayen; SK Slovakia; SL Sierra Leone;
SM San Marino; SN Senegal; SO Somalia; SR Suriname; SS South Sudan; ST Sao Tome & Principe;
SV El Salvador; SX Sint Maarten; SY Syria; SZ Eswatini; TC Turks and Caicos Islands; TD Chad;
TF French Southern Territories; TG Togo; TH Thailand; TJ Tajikistan; TK Tokelau; TL East Timor;
TM Turkmenistan; TN Tunisia; TO Tonga; TR Turkey; TT Trinidad & Tobago; TV Tuvalu; TW Taiwan;
TZ Tanzania; UA Ukraine; UG Uganda; UM US minor outlying islands; US United States; UY Uruguay;
UZ Uzbekistan; VA Vatican City; VC Saint Vincent and the Grenadines; VE Venezuela;
VG British Virgin Islands; VI US Virgin Islands; VN Vietnam; VU Vanuatu; WF Wallis & Futuna;
WS Samoa; YE Yemen; YT Mayotte; ZA South Africa; ZM Zambia; ZW Zimbabwe;
"""

# Other names people write, by what they stand for.
COUNTRY_ALIASES = {
    "US": "USA; U S A; U S; United States of America; The United States; America; Estados Unidos",
    "GB": "UK; U K; Great Britain; Britain; England; Scotland; Wales; Northern Ireland",
    "AE": "UAE; U A E; Emirates",
    "CZ": "Czech Republic",
    "DE": "Deutschland",
    "ES": "España",
    "CH": "Schweiz; Suisse; Svizzera",
    "AT": "Österreich",
    "IT": "Italia",
    "BR": "Brasil",
    "MX": "México",
    "IN": "Bharat; Republic of India",
    "IE": "Republic of Ireland; Éire",
    "NL": "Holland; The Netherlands; Nederland",
    "KR": "Korea; Republic of Korea",
    "RU": "Russian Federation",
    "VN": "Viet Nam",
    "TR": "Türkiye",
    "CI": "Ivory Coast",
    "MM": "Burma",
    "CV": "Cabo Verde",
    "SZ": "Swaziland",
    "TL": "Timor-Leste",
    "VA": "Holy See",
    "MO": "Macao",
}

STATES = {
    "US": """
AL Alabama; AK Alaska; AZ Arizona; AR Arkansas; CA California; CO Colorado; CT Connecticut;
DE Delaware; DC District of Columbia; FL Florida; GA Georgia; HI Hawaii; ID Idaho; IL Illinois;
IN Indiana; IA Iowa; KS Kansas; KY Kentucky; LA Louisiana; ME Maine; MD Maryland;
MA Massachusetts; MI Michigan; MN Minnesota; MS Mississippi; MO Missouri; MT Montana;
NE Nebraska; NV Nevada; NH New Hampshire; NJ New Jersey; NM New Mexico; NY New York;
NC North Carolina; ND North Dakota; OH Ohio; OK Oklahoma; OR Oregon; PA Pennsylvania;
RI Rhode Island; SC South Carolina; SD South Dakota; TN Tennessee; TX Texas; UT Utah;
VT Vermont; VA Virginia; WA Washington; WV West Virginia; WI Wisconsin; WY Wyoming;
AS American Samoa; GU Guam; MP Northern Mariana Islands; PR Puerto Rico; VI US Virgin Islands;
AA Armed Forces Americas; AE Armed Forces Europe; AP Armed Forces Pacific;
""",
    "CA": """
AB Alberta; BC British Columbia; MB Manitoba; NB New Brunswick; NL Newfoundland and Labrador;
NS Nova Scotia; NT Northwest Territories; NU Nunavut; ON Ontario; PE Prince Edward Island;
QC Quebec; SK Saskatchewan; YT Yukon;
""",
    "AU": """
ACT Australian Capital Territory; NSW New South Wales; NT Northern Territory; QLD Queensland;
SA South Australia; TAS Tasmania; VIC Victoria; WA Western Australia;
""",
    "IN": """
AN Andaman and Nicobar Islands; AP Andhra Pradesh; AR Arunachal Pradesh; AS Assam; BR Bihar;
CH Chandigarh; CG Chhattisgarh; DH Dadra and Nagar Haveli and Daman and Diu; DL Delhi; GA Goa;
GJ Gujarat; HR Haryana; HP Himachal Pradesh; JK Jammu and Kashmir; JH Jharkhand; KA Karnataka;
KL Kerala; LA Ladakh; LD Lakshadweep; MP Madhya Pradesh; MH Maharashtra; MN Manipur;
ML Meghalaya; MZ Mizoram; NL Nagaland; OD Odisha; PY Puducherry; PB Punjab; RJ Rajasthan;
SK Sikkim; TN Tamil Nadu; TS Telangana; TR Tripura; UP Uttar Pradesh; UK Uttarakhand;
WB West Bengal;
""",
}

STATE_ALIASES = {
    "US": {"DC": "Washington DC; Washington D C; D C", "VI": "Virgin Islands"},
    "CA": {"QC": "Québec; PQ", "NL": "Newfoundland", "PE": "PEI", "YT": "Yukon Territory"},
    "AU": {},
    "IN": {
        "OD": "Orissa; OR",
        "UK": "Uttaranchal; UT",
        "TS": "TG",
        "CG": "CT; Chattisgarh",
        "DL": "New Delhi; NCT of Delhi",
        "PY": "Pondicherry",
        "JK": "Jammu & Kashmir",
        "TN": "Tamilnadu",
    },
}
