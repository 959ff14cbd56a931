namespace GrainSensors.Web.Api;

[Flags]
internal enum EventTypes
{
    None = 0,
    Alert = 1,
    Window = 2,
    All = Alert | Window,
}

/// <summary>What a client of the event stream receives.</summary>
/// <param name="IsWanted">Whether the client receives events of the sensor with this id or name.</param>
/// <param name="Place">Start of the stream; the stream keeps it up to date.</param>
/// <param name="IsResumed">The client has received the events before <paramref name="Place"/> and misses the later ones.</param>
internal sealed record EventSubscription(EventTypes Types, Func<string, bool> IsWanted, EventPlace Place, bool IsResumed);
