"""Who is who in these tests. Made up, and good for nothing anywhere else."""

TOKEN = "made-up-token-of-alice"
OTHER_TOKEN = "made-up-token-of-bob"
NO_READ_TOKEN = "made-up-token-of-carol"
EXPIRING_TOKEN = "made-up-token-of-dave"
WRONG_TOKEN = "made-up-token-of-nobody"
API_KEY = "dashboard:made-up-secret"
CONTROL_TOKEN = "made-up-token-of-the-operator"
SECRETS = (TOKEN, OTHER_TOKEN, NO_READ_TOKEN, API_KEY, CONTROL_TOKEN)
