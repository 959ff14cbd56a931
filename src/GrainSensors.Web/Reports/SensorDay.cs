using GrainSensors.Core.Statistics;
using GrainSensors.Storage.Alerts;

namespace GrainSensors.Web.Reports;

/// <summary>One UTC day of one sensor.</summary>
/// <param name="City">Where it is registered; null: it is not.</param>
/// <param name="Readings">In its windows.</param>
/// <param name="Missing">How many fewer that is than were to be expected.</param>
/// <param name="Silent">The time of windows without any reading.</param>
/// <param name="Alerts">Raised, open or cleared within the day, in the order of raising.</param>
internal sealed record SensorDay(
    int SensorId,
    string? City,
    string? Station,
    long Readings,
    long Missing,
    TimeSpan Silent,
    IReadOnlyList<MeasurementDay> Measurements,
    IReadOnlyList<Alert> Alerts);

/// <summary>What one measurement was in a day.</summary>
/// <param name="Day">Of all readings: merged out of the windows, as if they had been counted together.</param>
/// <param name="Hours">24 of them; one without readings has a count of 0.</param>
/// <param name="Windows">Those with readings, in the order of their starts.</param>
internal sealed record MeasurementDay(string Name, RunningStatistics Day, IReadOnlyList<RunningStatistics> Hours, IReadOnlyList<WindowPoint> Windows);

/// <param name="Start">µs since the epoch.</param>
internal readonly record struct WindowPoint(long Start, RunningStatistics Statistics);
