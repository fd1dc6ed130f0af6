"""What commands print: tables, sentences and JSON data, made from results; nothing is decided here."""
