"""Public services of protein pictures: what they offer, fetched politely, kept with licence and source."""
