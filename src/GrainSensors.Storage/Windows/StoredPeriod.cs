using System.Collections.Concurrent;
using GrainSensors.Core.Windows;

namespace GrainSensors.Storage.Windows;

/// <summary>Converts the periods of stored windows. A store has few of them, so both directions are looked up.</summary>
internal static class StoredPeriod
{
    private static readonly ConcurrentDictionary<string, Period> Periods = [];
    private static readonly ConcurrentDictionary<Period, string> Texts = [];

    private static readonly ConcurrentDictionary<string, WindowPeriod> LongerPeriods = [];

    /// <exception cref="FormatException">The text is not a period that this program knows.</exception>
    public static WindowPeriod ParseLonger(string text) => LongerPeriods.GetOrAdd(text, WindowPeriod.Parse);

    /// <exception cref="FormatException">The text is not a period that this program knows.</exception>
    public static Period Parse(string text) => Periods.GetOrAdd(text, Period.Parse);

    public static string Text(Period period) => Texts.GetOrAdd(period, static known => known.ToString());
}
