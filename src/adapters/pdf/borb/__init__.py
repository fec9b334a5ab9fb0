"""The default renderer: lays the document out itself, and writes it with borb's object model."""
