using GrainSensors.Hosting.Configuration;
using GrainSensors.Storage.Access;

namespace GrainSensors.Web.Access;

/// <summary>Who sends a request.</summary>
/// <param name="Name">The name of the access key or of the user; null: the request has no access.</param>
/// <param name="KeyHash">SHA-256 of the key of the request, hexadecimal; null: the request has a session.</param>
/// <param name="Device">The device key of the request, which allows to send only; null: the request has another kind of access.</param>
/// <param name="Failure">Why the given key is refused.</param>
/// <param name="IsUnavailable">The request has a session or a device key, and the store that knows it is unavailable.</param>
internal sealed record AccessDecision(
    string? Name, AccessRole Role, string? KeyHash, StoredDeviceKey? Device, string? Failure, bool IsUnavailable)
{
    /// <summary>The request has neither a key nor a session that is valid. A session that has ended is as good as none.</summary>
    public static AccessDecision Nothing { get; } = new(null, AccessRole.Read, null, null, null, IsUnavailable: false);

    public static AccessDecision Unavailable { get; } = Nothing with { IsUnavailable = true };

    public static AccessDecision Refused(string failure) => Nothing with { Failure = failure };

    public static AccessDecision Granted(string name, AccessRole role, string? keyHash = null) =>
        Nothing with { Name = name, Role = role, KeyHash = keyHash };

    public static AccessDecision Granted(StoredDeviceKey device) => Nothing with { Name = device.Name, Device = device };
}
