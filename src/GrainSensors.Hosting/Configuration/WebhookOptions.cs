using GrainSensors.Hosting.Configuration.Binding;

namespace GrainSensors.Hosting.Configuration;

/// <summary>The section <c>GrainSensors:Monitor:Webhook</c>: the receiver of alerts.</summary>
internal sealed record WebhookOptions
{
    public const string Section = $"{ConfigurationSections.Root}:Monitor:Webhook";

    /// <summary>Address of the receiver, in the format of Alertmanager's v2 API; without it, alerts are not posted.</summary>
    [Redact]
    [Value("an address such as http://alertmanager:9093/api/v2/alerts")]
    public Uri? Url { get; init; }

    /// <summary>Value of the header <c>Authorization</c>.</summary>
    [Redact]
    public string? Authorization { get; init; }

    /// <summary>Interval at which open alerts are sent again; without a repetition, the receiver takes them for resolved.</summary>
    [Duration("1s")]
    public TimeSpan RepeatInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <returns>A text without secrets.</returns>
    public override string ToString() => Section;
}
