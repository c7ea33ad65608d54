"""A generator of typed event-stream clients, hubs and test material from AsyncAPI and OpenAPI documents."""
