"""Who may open the routes of other packages, by the route's name. A route that stands in neither table is closed."""

from __future__ import annotations

from marsad.web.access import AccessRule, anyone, signed_in

_OPEN = """
account_login account_logout account_signup account_inactive account_reset_password account_reset_password_done
account_reset_password_from_key account_reset_password_from_key_done account_confirm_email
account_email_verification_sent mfa_authenticate mfa_login_webauthn account_confirm_login_code
"""
_SIGNED_IN = """
account_reauthenticate account_email account_change_password account_set_password mfa_index mfa_reauthenticate
mfa_activate_totp mfa_deactivate_totp mfa_view_recovery_codes mfa_generate_recovery_codes mfa_download_recovery_codes
mfa_list_webauthn mfa_add_webauthn mfa_remove_webauthn mfa_edit_webauthn mfa_reauthenticate_webauthn
"""

TABLE: dict[str, AccessRule] = {
    **dict.fromkeys(_OPEN.split(), anyone),
    **dict.fromkeys(_SIGNED_IN.split(), signed_in),
}
