using GrainSensors.Contacts.Points;
using GrainSensors.Hosting.Configuration.Binding;

namespace GrainSensors.Hosting.Configuration;

/// <summary>An element of the section <c>GrainSensors:Contacts</c>.</summary>
internal sealed record ContactOptions
{
    /// <summary>Name in logs, API and metrics.</summary>
    [Text("^[A-Za-z0-9._-]{1,64}$", ContactRules.NameForm)]
    public string Name { get; init; } = "";

    /// <summary>`email`, `slack`, `teams`, `discord`, `pagerduty`, `opsgenie`, `ntfy`, `webhook`, `alertmanager` or `mqtt`.</summary>
    public string Kind { get; init; } = "";

    /// <summary>Notify it.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Settings of the kind, by name.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>Secrets of the kind, by name.</summary>
    [Redact]
    public IReadOnlyDictionary<string, string> Secrets { get; init; } = new Dictionary<string, string>();

    /// <returns>A text without secrets.</returns>
    public override string ToString() => Name;
}
