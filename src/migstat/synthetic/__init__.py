"""Made-up cities with known truth, for tests, courses and demonstrations. Nothing in them is a person; everything says so.

``generate_city`` of ``migstat.synthetic.city`` makes people, households, networks, lists, movements and service use from
margins such as those of ``migstat.synthetic.margins.RABAT_2024``.
"""
