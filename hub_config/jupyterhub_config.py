"""JupyterHub for Aurora in production: who may log in, what their groups may do, where analysts work.

    aurora hub --config jupyterhub_config.py --catalog catalog.yaml      all parts, in one process family
    jupyterhub -f jupyterhub_config.py                                   the hub alone (systemd/, kubernetes/)

Change what is marked CHANGE. Secrets come from the environment, never from this file.
"""

import ssl

from aurora_widgets.portal import hub

c = get_config()  # type: ignore[name-defined]  # noqa: F821  JupyterHub gives it to this file

# ── 1. Who may log in ─────────────────────────────────────────────────────────────────────────── CHANGE
# One setting chooses: "generic-oauth" (OpenID Connect: Entra ID, Keycloak, Okta, Google, …), "ldap", or any
# other of JupyterHub's authenticators. The part of the one that is not chosen does nothing.
c.JupyterHub.authenticator_class = "generic-oauth"

# The groups, as the identity provider names them. Whoever is in none of them can't log in. Analysts get a
# server of their own (choose it in 2) and whole results (RESULT_GROUPS, a setting of the query service, names
# the same groups); operators see the hub's admin page and metrics; the catalog may name any of them.
EVERYBODY = ["aurora"]
ANALYSTS: list[str] = []  # such as ["analysts"]
OPERATORS = ["operators"]
GROUPS = {*EVERYBODY, *ANALYSTS, *OPERATORS}

# OpenID Connect. From the environment: OAUTH_CLIENT_ID, OAUTH_CLIENT_SECRET, and of the provider's
# /.well-known/openid-configuration OAUTH2_AUTHORIZE_URL (authorization_endpoint), OAUTH2_TOKEN_URL
# (token_endpoint), OAUTH2_USERDATA_URL (userinfo_endpoint); and OAUTH_CALLBACK_URL, which the provider has to
# know: https://aurora.example.com/hub/oauth_callback.
oidc = c.GenericOAuthenticator
oidc.login_service = "your company account"
oidc.scope = ["openid", "profile", "email"]  # some providers want "groups" as well
oidc.username_claim = "preferred_username"
oidc.auth_state_groups_key = "oauth_user.groups"  # the claim that lists a person's groups
oidc.allowed_groups = GROUPS
oidc.auto_login = False  # True: no page of ours before the provider's

# LDAP and Active Directory (pip install jupyterhub-ldapauthenticator).
ldap = c.LDAPAuthenticator
ldap.server_address = "ldap.example.com"
ldap.tls_strategy = "on_connect"  # LDAPS; "before_bind" is STARTTLS
# Without this any machine between could say that it is the server, and read the passwords.
ldap.tls_kwargs = {"validate": ssl.CERT_REQUIRED, "ca_certs_file": "/etc/ssl/certs/ca-certificates.crt"}
ldap.bind_dn_template = ["uid={username},ou=people,dc=example,dc=com"]
GROUP_DN = "cn={},ou=groups,dc=example,dc=com"
ldap.allowed_groups = [GROUP_DN.format(name) for name in sorted(GROUPS)]
ldap.group_search_filter = "(|(member={userdn})(uniqueMember={userdn})(memberUid={uid}))"
ldap.group_attributes = ["cn"]


def named_groups(_authenticator, _handler, model):  # noqa: ANN001, ANN201  JupyterHub's signature
    """Give the hub the groups in which LDAP found the person, by our names for them."""
    found = set((model["auth_state"] or {}).get("ldap_groups", ()))
    return {**model, "groups": [name for name in sorted(GROUPS) if GROUP_DN.format(name) in found]}


ldap.post_auth_hook = named_groups

# How long a log-in lasts. Groups that change at the provider count from the next one.
c.JupyterHub.cookie_max_age_days = 1

# ── 2. Where analysts work ────────────────────────────────────────────────────────────────────── CHANGE
# In a place where they can't read what the hub and the query service hold: a user of the system each or a
# container each. Without one of these leave ANALYSTS empty.
#
# A user of the system each, as a unit of systemd (pip install jupyterhub-systemdspawner; the hub is root):
# c.JupyterHub.spawner_class = "systemd"
# c.SystemdSpawner.mem_limit = "2G"
# c.SystemdSpawner.cpu_limit = 1.0
# c.SystemdSpawner.isolate_tmp = True
# c.SystemdSpawner.isolate_devices = True
# c.SystemdSpawner.disable_user_sudo = True
#
# A container each (pip install dockerspawner). Hub and query service have to listen where containers reach
# them, a bridge of Docker's that nobody else is on; AURORA_HUB_URL and AURORA_SERVICE_ORIGIN say where:
# c.JupyterHub.spawner_class = "docker"
# c.DockerSpawner.image = "registry.example.com/aurora:1.0"
# c.DockerSpawner.cmd = ["jupyterhub-singleuser"]
# c.DockerSpawner.network_name = "aurora"
# c.DockerSpawner.remove = True
# c.DockerSpawner.volumes = {"aurora-{username}": "/home/aurora"}
# c.DockerSpawner.notebook_dir = "/home/aurora"
# c.Spawner.mem_limit = "2G"
#
# A pod each: kubernetes/values.yaml (pip install jupyterhub-kubespawner).
# c.JupyterHub.spawner_class = "kubespawner.KubeSpawner"

# ── 3. What the hub keeps ───────────────────────────────────────────────────────────────────────────────
# By default a SQLite file in its state folder. A database, where the hub's disk is not to be trusted:
# c.JupyterHub.db_url = "postgresql+psycopg://…"   (from the environment, it holds a password)

# ── The rest is Aurora's: roles, services, landing pages, look ──────────────────────────────────────────
hub.configure(c, analysts=ANALYSTS, operators=OPERATORS)
