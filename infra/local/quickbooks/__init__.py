"""A stand-in for QuickBooks Online: Intuit's wire format over loopback, for tests and the demo."""
