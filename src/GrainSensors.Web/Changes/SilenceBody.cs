using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Storage.Alerts;

namespace GrainSensors.Web.Changes;

/// <summary>A silence as the API and the command <c>silence</c> show it.</summary>
/// <param name="SensorId">The sensor whose alerts are silenced; null: matchers select, or all alerts are silenced.</param>
/// <param name="Matchers">Conditions on labels, all of which hold for silenced alerts; null: sensor_id selects.</param>
/// <param name="All">Whether all alerts are silenced.</param>
/// <param name="Status"><c>active</c>, <c>pending</c> before starts_at, or <c>ended</c> from ends_at on.</param>
/// <param name="EndsAt">Exclusive.</param>
/// <param name="By">Name of the access key or of the user, with <c>for</c> and another name that the request gave.</param>
internal sealed record SilenceBody(
    Guid Id, SensorRef? SensorId, IReadOnlyList<string>? Matchers, bool All, string Status, DateTime StartsAt, DateTime EndsAt, string By,
    string Reason)
{
    /// <param name="names">The names of numbers.</param>
    /// <param name="now">µs since the epoch.</param>
    public static SilenceBody Of(Silence silence, IReadOnlyDictionary<int, string?> names, long now) => new(
        silence.Id,
        silence.SensorId is { } id ? SensorRef.Of(id, names) : null,
        silence.Matchers,
        silence is { SensorId: null, Matchers: null },
        silence.EndsAt <= now ? "ended" : silence.StartsAt <= now ? "active" : "pending",
        EpochTime.ToDateTime(silence.StartsAt),
        EpochTime.ToDateTime(silence.EndsAt),
        silence.By,
        silence.Reason);
}
