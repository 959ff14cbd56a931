using GrainSensors.Hosting.Configuration.Binding;

namespace GrainSensors.Hosting.Configuration;

/// <summary>The section <c>GrainSensors:Monitor:Webhook</c>: the receiver of alerts.</summary>
internal sealed record WebhookOptions
{
    public const string Section = $"{ConfigurationSections.Root}:Monitor:Webhook";

    /// <summary>
    /// Address of the receiver, in the format of Alertmanager's v2 API; without it, alerts are not posted. A user and a password in it
    /// are sent as Basic authentication.
    /// </summary>
    [Redact]
    [Value("an address such as http://alertmanager:9093/api/v2/alerts")]
    public Uri? Url { get; init; }

    /// <summary>Value of the header <c>Authorization</c>.</summary>
    [Redact]
    public string? Authorization { get; init; }

    /// <summary>Further headers of each request, by name.</summary>
    [Redact]
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>PEM file of the certificate authorities that are trusted instead of those of the system.</summary>
    public string? CaFile { get; init; }

    /// <summary>PEM file of the certificate that authenticates the silo to the receiver.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>PEM file of the certificate's private key; without it, the certificate's file holds the key.</summary>
    public string? KeyFile { get; init; }

    /// <summary>Interval at which open alerts are sent again; without a repetition, the receiver takes them for resolved.</summary>
    [Duration("1s")]
    public TimeSpan RepeatInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <returns>A text without secrets.</returns>
    public override string ToString() => Section;
}
