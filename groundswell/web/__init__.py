"""The review app: local pages on which a person reads posts in their threads and codes them."""
