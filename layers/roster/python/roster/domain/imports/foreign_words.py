"""Headings in German, French, Spanish, Portuguese, Italian and Dutch, put into English words.

All words stand here as `spelled` leaves them: lower case, no accents, "ss" for "ß".
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from itertools import chain

from roster.domain.imports.headings import normalise, recognises


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split("|"))


def _table(english: Mapping[str, str]) -> dict[str, str]:
    return {word: target for target, words in english.items() for word in words.split("|")}


_PHRASES = _table({
    "customer": "kunde|kunden|kundin|cliente|clientes|clienti|klant|klanten|debitor|debiteur",
    "customer name": "kundenname|klantnaam",
    "name": "nom|nombre|nome|naam|bezeichnung|denominacion|denominazione|denomination",
    "company": "firma|firmenname|firmenbezeichnung|unternehmen|unternehmensname|betrieb|entreprise"
    "|societe|raison sociale|nom commercial|empresa|compania|razon social|nombre comercial"
    "|razao social|nome fantasia|azienda|societa|ditta|ragione sociale|bedrijf|bedrijfsnaam"
    "|onderneming|organisatie",
    "first name": "vorname|prenom|nombre de pila|primer nombre|primeiro nome|nome proprio|voornaam"
    "|roepnaam",
    "last name": "nachname|familienname|zuname|nom de famille|apellido|apellidos|cognome|sobrenome"
    "|apelido|apelidos|achternaam|familienaam",
    "full name": "vollstandiger name|vor und nachname|vorname nachname|nachname vorname"
    "|nom complet|nom et prenom|prenom et nom|nom prenom|prenom nom|nombre completo"
    "|nombre y apellidos|nome completo|nome e cognome|cognome e nome|volledige naam",
    "contact": "ansprechpartner|kontaktperson|kontakt|contactpersoon|contacto|contato|contatto"
    "|interlocuteur|referente|persona de contacto|personne de contact|pessoa de contato",
    "email": "email adresse|emailadresse|mailadresse|mail adresse|courriel|adresse email"
    "|adresse mail|adresse electronique|correo|correo electronico|email direccion"
    "|posta elettronica|indirizzo email|correio eletronico|emailadres|email adres|mailadres",
    "phone": "telefon|telefonnummer|telefonnr|rufnummer|festnetz|numero de telephone"
    "|no de telephone|telephone fixe|tel fixe|telefono|telefono fijo|numero de telefono"
    "|telefono fisso|numero di telefono|recapito telefonico|telefone|telefone fixo"
    "|numero de telefone|telefoon|telefoonnummer|telefoonnr|vaste telefoon",
    "mobile": "handy|handynummer|handynr|mobil|mobiltelefon|mobilnummer|mobilnr|mobilfunk|portable"
    "|telephone portable|tel portable|telephone mobile|movil|telefono movil|celular"
    "|telefono celular|telefone celular|cellulare|telefono cellulare|telemovel|mobiel"
    "|mobiele telefoon|mobiel nummer|gsm",
    "website": "webseite|internetseite|internetadresse|webadresse|site web|site internet|sitio web"
    "|pagina web|sito|sito web|sito internet|pagina da web|internet",
    "address": "anschrift|adresse|direccion|domicilio|indirizzo|endereco|morada|adres"
    "|adresse complete|direccion completa",
    "street": "strasse|str|strasse hausnummer|strasse und hausnummer|strasse nr|strasse und nr|rue"
    "|voie|numero et rue|calle|calle y numero|via|rua|logradouro|straat|straatnaam"
    "|straat en huisnummer|straat huisnummer",
    "address line 2": "adresszusatz|anschriftenzusatz|complement d adresse|complement adresse"
    "|complemento|complemento direccion|adresregel 2|appartement|wohnung",
    "city": "ort|stadt|wohnort|ortschaft|ville|commune|localite|ciudad|poblacion|localidad"
    "|citta|localita|cidade|localidade|municipio|comune|plaats|woonplaats|stad|gemeente",
    "state": "bundesland|kanton|canton|departement|provincia|estado|regione|uf|provincie",
    "zip": "plz|postleitzahl|code postal|cp|codigo postal|cap|codice postale|codice avviamento"
    "|cep|codigo de enderecamento postal",
    "country": "land|pays|pais|paese|nazione|landcode|landercode|landeskennzeichen|code pays",
    "notes": "notiz|notizen|bemerkung|bemerkungen|anmerkung|anmerkungen|kommentar|kommentare"
    "|remarque|remarques|commentaire|commentaires|nota|notas|observaciones|observacion"
    "|comentario|comentarios|observacoes|osservazioni|opmerking|opmerkingen|notitie|notities",
    "tags": "schlagworte|schlagwort|stichworte|etiketten|etiquette|etiquettes|etiqueta|etiquetas"
    "|etichette|etichetta",
    "customer number": "kundennummer|kundennr|kunden nr|kdnr|kd nr|debitorennummer|debitorennr"
    "|numero client|numero de client|no client|n client|code client|numero cliente"
    "|numero de cliente|no cliente|codigo cliente|codigo de cliente|codigo do cliente"
    "|codice cliente|klantnummer|klantnr|klant nr|klantcode|debiteurnummer|debiteurennummer",
    "customer id": "kundenid|kunden id|id client|id cliente|id del cliente|klantid|klant id",
    "customer type": "kundenart|kundentyp|type de client|tipo de cliente|tipo cliente|klanttype",
    "tax rate": "steuersatz|taux de tva|tipo de iva|aliquota iva|btw tarief",
    "payment terms": "zahlungsbedingung|zahlungsbedingungen|zahlungsziel|conditions de paiement"
    "|condiciones de pago|condicoes de pagamento|condizioni di pagamento|betalingstermijn"
    "|betalingsvoorwaarden",
    "discount": "rabatt|remise|descuento|desconto|sconto|korting",
    "billing address": "rechnungsadresse|rechnungsanschrift|factuuradres|direccion fiscal"
    "|domicilio fiscal|adresse facturation",
    "service address": "lieferadresse|lieferanschrift|einsatzadresse|objektadresse|afleveradres"
    "|bezorgadres|werkadres|adresse livraison|adresse d intervention",
    "number": "nummer|numero",
})  # fmt: skip
# Whose a value is: before or behind it, in English always before.
_OWNERS = _table({
    "customer": "kunde|kunden|client|cliente|klant|customer",
    "company": "firma|firmen|entreprise|societe|empresa|azienda|societa|bedrijf|company",
    "billing": "rechnung|rechnungs|rechnungsadresse|rechnungsanschrift|facturation|facturacion"
    "|fatturazione|faturamento|cobranca|factuur|factuuradres|billing",
    "service": "lieferung|liefer|lieferadresse|lieferanschrift|einsatzort|einsatz|objekt"
    "|objektadresse|livraison|intervention|chantier|entrega|envio|instalacion|obra|spedizione"
    "|consegna|intervento|levering|aflever|afleveradres|service",
    "contact": "kontakt|ansprechpartner|contacto|contato|contatto|contactpersoon|contact",
})  # fmt: skip
_BETWEEN = _names(
    "de|du|des|d|la|le|les|l|del|della|dello|di|do|da|dos|el|der|die|das|den|van|het|von"
    "|und|et|e|y|en"
)
# German and Dutch write the owner and the thing as one word: Rechnungsort, Kundentelefon.
_JOINED = re.compile(r"(rechnungs|liefer|kunden|firmen|objekt|einsatz|factuur|klant|aflever)(\w+)")
# Words that mean something else in English, or in no list of customers anything at all: they count
# only beside a heading that is foreign for certain.
_DOUBTFUL = _names("cap|cp|uf|via|str|land|portable|sito|internet|nota|cep|gsm|mobil")
# "Name" may be all of a name, or what is left beside a column with the other half.
_BARE_NAME = frozenset({"name", "nom", "nombre", "nome", "naam"})


# More is no heading but a cell that somebody filled.
_LONGEST = 200


def spelled(heading: str) -> str:
    """`heading` normalised, its accents taken off."""
    apart = unicodedata.normalize("NFKD", normalise(heading))
    return "".join(c for c in apart if not unicodedata.combining(c))


def _thing(words: Sequence[str]) -> str | None:
    """The English for all of `words`, "telefon 2" with its number."""
    phrase = " ".join(words)
    if phrase in _PHRASES:
        return _PHRASES[phrase]
    if len(words) > 1 and words[-1].isdigit() and (thing := _thing(words[:-1])):
        return f"{thing} {words[-1]}"
    joined = _JOINED.fullmatch(words[0]) if len(words) == 1 else None
    if joined and (thing := _PHRASES.get(joined[2]) or _same_in_english(joined[2])):
        return f"{_OWNERS[joined[1]]} {thing}"
    return None


def _same_in_english(word: str) -> str | None:
    return (
        word if word in ("name", "email", "mail", "id", "region", "website", "postcode") else None
    )


def _translated(heading: str) -> str | None:
    words = spelled(heading).split() if len(heading) <= _LONGEST else []
    if not words:
        return None
    if (whole := _thing(words)) is not None:
        return whole
    plain = " ".join(words)
    if plain != normalise(heading) and recognises(plain):
        # English but for its accents.
        return plain
    bare = [word for word in words if word not in _BETWEEN]
    for rest, owner in ((bare[1:], bare[:1]), (bare[:-1], bare[-1:])):
        if rest and owner[0] in _OWNERS:
            thing = _thing(rest) or (_same_in_english(rest[0]) if len(rest) == 1 else None)
            if thing is not None:
                return f"{_OWNERS[owner[0]]} {thing}"
    return None


def in_english(headings: Sequence[str]) -> dict[int, str]:
    """The English for headings that are foreign, by position; nothing for any other.

    "Name" beside "Vorname" is a last name, "nombre" beside "apellidos" a first name.
    """
    found = {i: said for i, heading in enumerate(headings) if (said := _translated(heading))}
    sure = [i for i in found if spelled(headings[i]) not in _DOUBTFUL]
    if not sure:
        return {}
    halves = {"first name", "last name"}
    missing = halves - set(found.values())
    if len(missing) == 1:
        (other,) = missing
        for position in chain(sorted(found), range(len(headings))):
            if spelled(headings[position]) in _BARE_NAME:
                found[position] = other
                break
    return found
