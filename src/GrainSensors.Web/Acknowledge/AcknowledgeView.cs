using GrainSensors.Contacts.Acknowledgement;
using GrainSensors.Storage.Alerts;

namespace GrainSensors.Web.Acknowledge;

/// <summary>What the page behind a link shows.</summary>
public sealed record AcknowledgeView(string Token, LinkedAlerts Linked)
{
    /// <summary>The fields of the form, besides that of the token.</summary>
    public const string PersonField = "name", NoteField = "note";

    /// <summary>The alerts that the request has acknowledged.</summary>
    public IReadOnlyList<Alert> Acknowledged { get; init; } = [];

    /// <summary>Why the form was not taken.</summary>
    public string? Trouble { get; init; }

    public string? Person { get; init; }

    public string? Note { get; init; }
}
