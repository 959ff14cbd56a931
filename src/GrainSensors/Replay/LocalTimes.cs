using System.Runtime.InteropServices;
using GrainSensors.Core.Time;
using NodaTime;
using NodaTime.TimeZones;

namespace GrainSensors.Replay;

/// <summary>Converts the local times of a recording to UTC.</summary>
/// <remarks>
/// A time that occurs twice, when clocks are set back, is resolved by the order of the sensor's readings: each sensor goes through
/// the repeated hour in summer time first, then in winter time. A recording with the newest reading first is read backwards.
/// A reading that only changed places with one or two of its neighbours does not end the first hour.
/// </remarks>
internal sealed class LocalTimes(DateTimeZone zone)
{
    /// <summary>The longest time between readings at which readings that changed places are told from clocks that were set back.</summary>
    private const long LongestInterval = 10 * 60 * EpochTime.MicrosPerSecond;

    private readonly Dictionary<int, Course> _sensors = [];

    public string Zone => zone.Id;

    /// <summary>Number of times that occur twice and were taken as the first of both.</summary>
    public long Earlier { get; private set; }

    /// <summary>Number of times that occur twice and were taken as the second of both.</summary>
    public long Later { get; private set; }

    /// <param name="local">Local time, µs since 1970-01-01T00:00:00.</param>
    /// <param name="utc">µs since the epoch.</param>
    /// <returns>False if the time does not exist: clocks were set forward over it.</returns>
    public bool TryConvert(int sensorId, long local, out long utc)
    {
        utc = local;
        var mapping = zone.MapLocal(LocalDateTime.FromDateTime(EpochTime.ToDateTime(local)));
        if (mapping.Count == 0)
        {
            return false;
        }

        ref var course = ref CollectionsMarshal.GetValueRefOrAddDefault(_sensors, sensorId, out _);
        var (early, late) = (Utc(local, mapping.EarlyInterval), Utc(local, mapping.LateInterval));
        utc = mapping.Count == 1 || course.TakesEarly(local, early, late) ? early : late;
        if (mapping.Count == 2)
        {
            (Earlier, Later) = utc == early ? (Earlier + 1, Later) : (Earlier, Later + 1);
        }

        course = course.After(local, utc);
        return true;
    }

    private static long Utc(long local, ZoneInterval interval) =>
        local - (interval.WallOffset.Ticks / TimeSpan.TicksPerMicrosecond);

    /// <summary>The order of one sensor's readings so far.</summary>
    /// <param name="Count">Number of readings, at most three.</param>
    /// <param name="Local">Local time of the last reading.</param>
    /// <param name="Utc">UTC time of the last reading.</param>
    /// <param name="Second">UTC time of the reading before.</param>
    /// <param name="Third">UTC time of the one before that.</param>
    /// <param name="Balance">How many more readings came after the one before than came before it.</param>
    /// <param name="Repeats">Whether several readings have the same time, as with times of whole minutes.</param>
    private readonly record struct Course(int Count, long Local, long Utc, long Second, long Third, int Balance, bool Repeats)
    {
        public bool TakesEarly(long local, long early, long late) =>
            Count == 0 ? true
            : Repeats && local == Local ? Utc == early
            : Balance < 0 ? late >= Utc && !FillsGap(late)
            : early > Utc || FillsGap(early);

        public Course After(long local, long utc) => Count == 0
            ? new(1, local, utc, 0, 0, 0, false)
            : new(Math.Min(Count + 1, 3), local, utc, Utc, Second, Balance + utc.CompareTo(Utc), Repeats || utc == Utc);

        /// <summary>Whether a time is just before the last reading and missing among the last three: it came out of turn.</summary>
        /// <remarks>
        /// Clocks that are set back take a sensor back by an hour less its interval. Of readings that are far apart, one that lies a
        /// little before another can be either, and then clocks are the usual reason.
        /// </remarks>
        private bool FillsGap(long utc)
        {
            var interval = Math.Min(Math.Abs(Utc - Second), Math.Abs(Second - Third));
            return Count == 3
                && interval <= LongestInterval
                && Math.Abs(utc - Utc) <= interval * 5 / 2
                && utc != Second && utc != Third
                && Math.Sign(Utc - Third) == Math.Sign(utc - Third);
        }
    }
}
