namespace GrainSensors.Storage.Access;

/// <summary>The tables of access control.</summary>
public sealed record AccessStores(
    ISessionStore Sessions, IKeyStore Keys, IDeviceKeyStore DeviceKeys, IAuditStore Audit, IProtectionKeyStore ProtectionKeys)
{
    internal const string Admin = "admin";

    internal static string RoleOf(bool isAdmin) => isAdmin ? Admin : "read";
}
