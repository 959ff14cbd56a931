using GrainSensors.Hosting.Configuration.Binding;

namespace GrainSensors.Hosting.Configuration;

/// <summary>A key, as <c>grainsensors key</c> makes it.</summary>
internal sealed record KeyOptions
{
    /// <summary>Owner of the key.</summary>
    [Text("^[A-Za-z0-9._-]{1,64}$", "1 to 64 letters, digits, dots, dashes or underscores")]
    public string Name { get; init; } = "";

    /// <summary>Hash of the key. The key itself may be here by mistake, so messages never show the value.</summary>
    [Redact]
    [Text("^sha256:[0-9a-fA-F]{64}$", "the hash that `grainsensors key` prints, sha256: and 64 hexadecimal digits")]
    public string Hash { get; init; } = "";

    /// <summary>Rights of the owner.</summary>
    public AccessRole Role { get; init; } = AccessRole.Read;

    /// <summary>The key is invalid from this time on; without it, the key does not expire.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }
}
