"""Reading, checking and loading a city pack: the folder of data that makes Marsad the observatory of one city."""
