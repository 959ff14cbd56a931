using GrainSensors.Storage.Alerts;

namespace GrainSensors.Contacts.Acknowledgement;

/// <summary>What a link finds.</summary>
/// <param name="Ticket">Null: the link cannot be used.</param>
public sealed record LinkedAlerts(LinkState State, AcknowledgeTicket? Ticket)
{
    /// <summary>The alerts that the link acknowledges: open ones that the message is about and that nobody has acknowledged.</summary>
    public IReadOnlyList<Alert> Waiting { get; init; } = [];

    /// <summary>Further alerts of the message, which are acknowledged or cleared.</summary>
    public IReadOnlyList<Alert> Done { get; init; } = [];

    /// <summary>Alerts that wait for an acknowledgement and were raised after the message.</summary>
    public int Newer { get; init; }
}

public enum LinkState
{
    /// <summary>The link is of this cluster, and its alerts are stored.</summary>
    Valid,

    /// <summary>The link is not of this cluster, or was changed.</summary>
    Invalid,

    Expired,

    /// <summary>The contact point was removed.</summary>
    Withdrawn,

    /// <summary>The alerts are no longer stored.</summary>
    Gone,
}
