"""What a user holds: networks, derivations, trainings and handouts with their doors to every stage."""
