using System.Globalization;
using System.Text.Json.Serialization;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Text;
using GrainSensors.Core.Time;
using GrainSensors.Storage.Alerts;
using GrainSensors.Storage.Labels;

namespace GrainSensors.Web.Changes;

/// <summary>A silence to add: for one of sensor_id, matchers and all, and until ends_at or for a duration.</summary>
/// <param name="SensorId">Silences the alerts of a sensor.</param>
/// <param name="Matchers">
/// Silences alerts by their labels: up to 32 conditions such as <c>city=~"Val.*"</c>, all of which hold. At least one must not hold for
/// an alert without labels.
/// </param>
/// <param name="All">true: silences all alerts.</param>
/// <param name="StartsAt">UTC without an offset; now by default, and if it is in the past.</param>
/// <param name="EndsAt">Exclusive; UTC without an offset.</param>
/// <param name="For">Duration from the start, such as 2h.</param>
/// <param name="By">
/// Name of the person who adds the silence. Without access keys it becomes by; otherwise that is the name of the key or user, and this
/// name is added to it.
/// </param>
/// <param name="Reason">Up to 1,000 characters.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record SilenceRequest(
    SensorRef? SensorId = null,
    IReadOnlyList<string?>? Matchers = null,
    bool? All = null,
    string? StartsAt = null,
    string? EndsAt = null,
    string? For = null,
    string? By = null,
    string? Reason = null)
{
    /// <summary>Greatest number of active and future silences: reading alerts takes longer with each one that has matchers.</summary>
    public const int MaxSilences = 1000;

    public const int MaxReason = 1000;

    private static readonly TimeSpan Longest = TimeSpan.FromDays(10_000);

    public static string TooMany { get; } =
        string.Create(CultureInfo.InvariantCulture, $"There are {MaxSilences} active and future silences; end some of them first.");

    /// <param name="sensor">The id or number of <see cref="SensorId"/>.</param>
    /// <param name="by">Who adds the silence.</param>
    /// <param name="now">µs since the epoch.</param>
    /// <exception cref="FormatException">The request is invalid; the message names the member and the cure.</exception>
    public Silence ToSilence(int? sensor, string by, long now)
    {
        if ((SensorId is null ? 0 : 1) + (Matchers is null ? 0 : 1) + (All is true ? 1 : 0) != 1)
        {
            throw new FormatException("Give one of sensor_id, matchers and \"all\":true.");
        }

        if (string.IsNullOrWhiteSpace(Reason))
        {
            throw new FormatException("reason is missing; say why the alerts are silenced.");
        }

        if (Acknowledgement.Refuse("reason", Reason, MaxReason) is { } invalid)
        {
            throw new FormatException(invalid);
        }

        var start = Math.Max(StartsAt is null ? now : Time("starts_at", StartsAt), now);
        return new(Guid.CreateVersion7(), sensor, start, End(start, now), by, Reason.Trim())
        {
            Matchers = Matchers is null ? null : SilenceConditions.Parse(Matchers, "matchers").Texts,
        };
    }

    private long End(long start, long now)
    {
        if (EndsAt is null == For is null)
        {
            throw new FormatException("Give either for, such as \"2h\", or ends_at.");
        }

        var end = EndsAt is null ? start + EpochTime.From(Duration(For!)) : Time("ends_at", EndsAt);
        return end <= now ? throw new FormatException($"ends_at must be in the future; got {EpochTime.ToIso8601(end)}.")
            : end <= start ? throw new FormatException(
                $"ends_at must be after starts_at; got {EpochTime.ToIso8601(end)} and {EpochTime.ToIso8601(start)}.")
            : end < EpochTime.Max ? end
            : throw new FormatException("The silence must end before the year 10000; give a shorter for.");
    }

    private static TimeSpan Duration(string text) =>
        Durations.TryParse(text, out var duration) && duration > TimeSpan.Zero && duration <= Longest
            ? duration
            : throw new FormatException(
                $"for must be a duration such as {Durations.Forms}, at most {Longest.TotalDays:0}d; got "
                + $"\"{PrintableText.Escape(text, 100)}\".");

    private static long Time(string member, string text) => EpochTime.TryParse(text, out var micros)
        ? micros
        : throw new FormatException(
            $"{member} must be a time such as {EpochTime.Forms}; got \"{PrintableText.Escape(text, 100)}\".");
}
