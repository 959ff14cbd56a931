using GrainSensors.Hosting.Configuration.Binding;

namespace GrainSensors.Hosting.Configuration;

/// <summary>The section <c>GrainSensors:Notifications</c>.</summary>
internal sealed record NotificationOptions
{
    public const string Section = $"{ConfigurationSections.Root}:Notifications";

    /// <summary>Address of the console for people, with its prefix; without it, messages have no links.</summary>
    [Value("an address such as https://sensors.example.org")]
    public Uri? PublicUrl { get; init; }

    /// <summary>
    /// Key of 32 bytes in Base64, which encrypts the secrets of contact points in the store; the same on every silo. Without it, no secrets
    /// can be stored.
    /// </summary>
    [Redact]
    public string? SecretKey { get; init; }

    /// <summary>Failed attempts after which a notification is dead; 12 take about 2 hours.</summary>
    [Number(1, 100)]
    public int MaxAttempts { get; init; } = 12;

    /// <returns>A text without secrets.</returns>
    public override string ToString() => Section;
}
