"""Which role may call what; what is not named here nobody may call."""

from coordinator.security.identity import Role

TELESCOPES = "armillary.telescope.v1.TelescopeService"
OPERATORS = "armillary.operator.v1.OperatorService"
ENROLMENT = "armillary.enrolment.v1.EnrolmentService"
ANYBODY = frozenset(Role)
READERS = frozenset({Role.VIEWER, Role.OPERATOR, Role.COORDINATOR})

OPEN_SERVICES = (
    "grpc.health.v1.Health",
    "grpc.reflection.v1alpha.ServerReflection",
    "grpc.reflection.v1.ServerReflection",
)
BY_METHOD = {
    f"{OPERATORS}/ListTelescopes": READERS,
    f"{OPERATORS}/GetStatus": READERS,
    # Other observatories' programs hand alerts over; decisions carry a person's name.
    f"{OPERATORS}/SubmitAlert": frozenset({Role.OPERATOR, Role.COORDINATOR}),
    f"{ENROLMENT}/RenewCertificate": ANYBODY,
    f"{ENROLMENT}/GetAuthority": ANYBODY,
    f"{ENROLMENT}/Enroll": frozenset[Role](),
}
BY_SERVICE = {TELESCOPES: frozenset({Role.TELESCOPE}), OPERATORS: frozenset({Role.OPERATOR})} | dict.fromkeys(
    OPEN_SERVICES, ANYBODY
)


def roles_for(method: str) -> frozenset[Role]:
    """Say who may call a method.

    Parameters
    ----------
    method : str
        As gRPC names it: ``/package.Service/Method``.
    """
    name = method.removeprefix("/")
    return BY_METHOD.get(name, BY_SERVICE.get(name.rpartition("/")[0], frozenset()))
