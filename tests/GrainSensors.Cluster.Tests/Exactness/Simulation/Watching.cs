using System.Collections.Immutable;
using GrainSensors.Core.Alerts;

namespace GrainSensors.Cluster.Tests.Exactness.Simulation;

/// <summary>How monitors watch the sensors, and what is compared in the end.</summary>
/// <param name="ComparesAlerts">
/// Compares the alerts; else the readings in the baselines of the stored states, which do not depend on their order.
/// </param>
/// <param name="RemovesChanges">Whether a state of all sensors takes the place of the changes before it.</param>
/// <param name="ChecksLife">Whether a state is written only in the life of the store in which it was read.</param>
internal sealed record Watching(bool ComparesAlerts, bool RemovesChanges = true, bool ChecksLife = true)
{
    /// <summary>Short times and narrow limits, so that a few readings raise and clear alerts. A baseline would need too many.</summary>
    private static readonly AlertRules Short = new(
        new() { Timeout = 8_000_000, CoolDown = 10_000_000 },
        ImmutableArray.Create<ExtremeRule?>(
            new() { Low = 10, High = 40, MinDeviation = double.PositiveInfinity, CoolDown = 10_000_000, DwellReadings = 2 },
            new() { High = 80, MinDeviation = 20, WarmUp = 3, CoolDown = 0 }));

    private static readonly ExtremeRule Learning =
        new() { WarmUp = int.MaxValue, MinDeviation = double.PositiveInfinity, TimeConstant = long.MaxValue };

    /// <summary>All values become baseline, with equal weights. No time is too far ahead of the clock.</summary>
    private static readonly AlertRules Learned =
        new(new() { Timeout = long.MaxValue / 4 }, ImmutableArray.Create<ExtremeRule?>(Learning, Learning));

    public static Watching Alerts { get; } = new(ComparesAlerts: true);

    public static Watching Readings { get; } = new(ComparesAlerts: false);

    public AlertRules Rules => ComparesAlerts ? Short : Learned;
}
