using System.CommandLine;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Invocation;

namespace GrainSensors.Recompute;

/// <summary><c>recompute</c>: merges windows of a longer period that started before the period was configured.</summary>
internal static class RecomputeCommand
{
    private const string Description =
        """
        Fill a period that was configured later from the windows that are stored

          grainsensors recompute --period P1D@Europe/Madrid
          grainsensors recompute --period P1D --from 2026-11-01 --dry-run

        Windows are merged as far back as the windows that they consist of are stored; windows that lack some of them stay
        absent. Windows that were counted or merged before stay as they are. The command is safe while silos run, and can
        be repeated after an interruption. Wait two minutes after the first silo has started with a new period, and give
        the command the configuration of the silos. A SQLite store belongs to one process: stop `run` first.

        Exit codes: 0 done, 3 windows from --from on could not all be filled, 2 the command could not run.
        """;

    public static Command Create()
    {
        var period = CommonOptions.Parsed<WindowPeriod?>(
            "--period", "PERIOD", "The period, such as PT1H, PT1H/PT5M or P1D@Europe/Madrid", Period);
        period.Required = true;
        var from = CommonOptions.Time(
            "--from", "Windows that start at or after this time; UTC without an offset [default: as far back as possible]");
        var to = CommonOptions.Time("--to", "Windows that start before this time [default: now]");
        var dryRun = new Option<bool>("--dry-run") { Description = "Count the windows without filling them" };
        var store = CommonOptions.Store($"Store of the windows {CommonOptions.FromConfiguration}");
        var json = CommonOptions.Json();
        var command = new Command("recompute", Description) { period, from, to, dryRun, store, json };
        command.SetAction((result, cancellationToken) =>
        {
            var (first, end, now) = (result.GetValue(from), result.GetValue(to), EpochTime.Now(TimeProvider.System));
            if (first >= (end ?? now))
            {
                throw new UsageException(
                    $"--from must be before {(end is { } given ? $"--to, {EpochTime.ToIso8601(given)}" : "now")}; "
                    + $"got {EpochTime.ToIso8601(first.Value)}.");
            }

            var settings = PipelineSettings.Load(CommonOptions.Overrides(("Store", result.GetValue(store))));
            return new RecomputeRun(settings, TimeProvider.System).RunAsync(
                new(result.GetValue(period)!, first, end, result.GetValue(dryRun), result.GetValue(json)), cancellationToken);
        });
        return command;
    }

    private static WindowPeriod Period(string option, string text) =>
        WindowPeriod.TryParse(text, out var error) ?? throw new UsageException($"{option}: {error}");
}
