using Cronos;
using GrainSensors.Contacts.Points;
using GrainSensors.Core.Text;
using GrainSensors.Core.Time;
using NodaTime;

namespace GrainSensors.Contacts.Routes;

/// <summary>A named time in which routes send nothing: once, or again and again by a cron expression in a time zone.</summary>
/// <remarks>
/// Cron expressions run in local time without a zone, and the zone turns the result into a moment: an hour that a change of clocks skips
/// moves after the change, and of a repeated hour the first one counts.
/// </remarks>
internal abstract record MaintenanceWindow(string Name)
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(31);

    /// <param name="now">µs since the epoch.</param>
    /// <returns>The end of the window in which the time is; null: it is in none.</returns>
    public abstract long? EndAt(long now);

    /// <exception cref="FormatException">The window is invalid; the message begins with a verb, or with the member.</exception>
    public static MaintenanceWindow Of(MaintenanceDocument? window)
    {
        if (window?.Name is not { } name || !ContactRules.IsName(name))
        {
            throw new FormatException($"must have a name of {ContactRules.NameForm}.");
        }

        var (isOnce, isCron) = (window.From is not null && window.To is not null, window.Cron is not null && window.Duration is not null);
        if (isOnce == isCron || (isOnce ? window.Cron ?? window.Duration ?? window.TimeZone : window.From ?? window.To) is not null)
        {
            throw new FormatException("must have either from and to, or cron and duration with an optional time_zone.");
        }

        return isOnce ? Once.Of(name, window) : Repeated.Of(name, window);
    }

    private sealed record Once(string Name, long From, long To) : MaintenanceWindow(Name)
    {
        public static Once Of(string name, MaintenanceDocument window)
        {
            var (from, to) = (Time("from", window.From!), Time("to", window.To!));
            return from < to ? new(name, from, to) : throw new FormatException("must have a to that is later than from.");
        }

        public override long? EndAt(long now) => now >= From && now < To ? To : null;

        private static long Time(string member, string text) => EpochTime.TryParse(text, out var micros)
            ? micros
            : throw new FormatException($"{member} must be a time such as {EpochTime.Forms}; got \"{PrintableText.Escape(text, 100)}\".");
    }

    private sealed record Repeated(string Name, CronExpression Cron, DateTimeZone Zone, TimeSpan Length) : MaintenanceWindow(Name)
    {
        /// <summary>Clocks change by less.</summary>
        private static readonly TimeSpan Shift = TimeSpan.FromHours(3);

        public static Repeated Of(string name, MaintenanceDocument window)
        {
            if (!Durations.TryParse(window.Duration, out var length) || length <= TimeSpan.Zero || length > Longest)
            {
                throw new FormatException(
                    $"duration must be {Durations.Forms}, longer than 0s and at most {Longest.TotalDays:0}d; got "
                    + $"\"{PrintableText.Escape(window.Duration, 100)}\".");
            }

            var zone = window.TimeZone is null ? DateTimeZone.Utc
                : DateTimeZoneProviders.Tzdb.GetZoneOrNull(window.TimeZone) ?? throw new FormatException(
                    $"time_zone must be a zone such as Europe/Madrid; got \"{PrintableText.Escape(window.TimeZone, 100)}\".");
            try
            {
                return new(name, CronExpression.Parse(window.Cron!), zone, length);
            }
            catch (CronFormatException e)
            {
                throw new FormatException(
                    $"cron must be five fields such as \"0 2 * * SUN\"; got \"{PrintableText.Escape(window.Cron, 100)}\": "
                    + $"{e.Message.ReplaceLineEndings(" ").TrimEnd('.')}.",
                    e);
            }
        }

        /// <remarks>Windows of one expression may overlap; the last one that has begun ends last.</remarks>
        public override long? EndAt(long now)
        {
            var instant = Instant.FromDateTimeUtc(EpochTime.ToDateTime(now));
            var local = DateTime.SpecifyKind(instant.InZone(Zone).ToDateTimeUnspecified(), DateTimeKind.Utc);
            long? end = null;
            for (var start = Cron.GetNextOccurrence(local - Length - Shift, inclusive: true);
                start is { } begin && begin <= local + Shift;
                start = Cron.GetNextOccurrence(begin))
            {
                var from = EpochTime.From(LocalDateTime.FromDateTime(begin).InZoneLeniently(Zone).ToDateTimeOffset());
                if (from <= now && now < from + EpochTime.From(Length))
                {
                    end = from + EpochTime.From(Length);
                }
            }

            return end;
        }
    }
}
