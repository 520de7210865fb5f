"""How a site's moderation is going: counted when somebody asks, from what is kept anyway.

Every share comes with how many it is of and a 95 % interval, and is not told where they are few.
"""
