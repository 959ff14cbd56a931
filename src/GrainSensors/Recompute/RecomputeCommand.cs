using System.CommandLine;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Invocation;

namespace GrainSensors.Recompute;

/// <summary>
/// <c>recompute</c>: fills what was added after windows had been counted: longer periods from stored windows, statistics from the log.
/// </summary>
internal static class RecomputeCommand
{
    private const string Description =
        """
        Fill a period or statistics that were added later

          grainsensors recompute --period P1D@Europe/Madrid
          grainsensors recompute --period P1D --from 2026-11-01 --dry-run
          grainsensors recompute --statistics --from 2026-11-01

        A period is filled from the windows that are stored; statistics (sketches for percentiles, first and last values)
        from the readings that Kafka still has. A window that lacks some of them stays absent, or its statistics unknown. The
        command is safe while silos run, and can be repeated after an interruption. Wait two minutes after the first silo has
        started with the setting, and give the command the configuration of the silos. A SQLite store belongs to one process:
        stop `run` first.

        Exit codes: 0 done, 3 windows from --from on could not all be filled, 2 the command could not run.
        """;

    public static Command Create()
    {
        var period = CommonOptions.Parsed<WindowPeriod?>(
            "--period", "PERIOD", "Fill windows of this period, such as PT1H, PT1H/PT5M or P1D@Europe/Madrid", Period);
        var statistics = new Option<bool>("--statistics")
        {
            Description = "Fill sketches, and first and last values, of windows that were counted without them",
        };
        var from = CommonOptions.Time(
            "--from", "Windows that start at or after this time; UTC without an offset [default: as far back as possible]");
        var to = CommonOptions.Time("--to", "Windows that start before this time [default: now]");
        var dryRun = new Option<bool>("--dry-run") { Description = "Count what can be filled without filling it" };
        var store = CommonOptions.Store($"Store of the windows {CommonOptions.FromConfiguration}");
        var kafka = CommonOptions.Kafka("Kafka with the readings, for --statistics");
        var json = CommonOptions.Json();
        var command = new Command("recompute", Description) { period, statistics, from, to, dryRun, store, kafka, json };
        command.SetAction((result, cancellationToken) =>
        {
            var options = new RecomputeOptions(
                result.GetValue(period), result.GetValue(from), result.GetValue(to), result.GetValue(dryRun), result.GetValue(json));
            Require(options, result.GetValue(statistics), result.GetValue(kafka));
            var settings = PipelineSettings.Load(CommonOptions.Overrides(
                ("Store", result.GetValue(store)), ("Kafka:BootstrapServers", result.GetValue(kafka))));
            return options.Period is null
                ? new StatisticsRun(settings, TimeProvider.System).RunAsync(options, cancellationToken)
                : new RecomputeRun(settings, TimeProvider.System).RunAsync(options, cancellationToken);
        });
        return command;
    }

    private static void Require(RecomputeOptions options, bool statistics, string? kafka)
    {
        if (statistics == options.Period is not null)
        {
            throw new UsageException(
                statistics
                    ? $"--period and --statistics exclude each other; got --period {options.Period} and --statistics."
                    : "Say what to fill: give either --period PERIOD or --statistics.");
        }

        if (!statistics && kafka is not null)
        {
            throw new UsageException("--kafka is for --statistics: a period is filled from the store. Leave --kafka out.");
        }

        if (options.From >= (options.To ?? EpochTime.Now(TimeProvider.System)))
        {
            throw new UsageException(
                $"--from must be before {(options.To is { } end ? $"--to, {EpochTime.ToIso8601(end)}" : "now")}; "
                + $"got {EpochTime.ToIso8601(options.From.Value)}.");
        }
    }

    private static WindowPeriod Period(string option, string text) =>
        WindowPeriod.TryParse(text, out var error) ?? throw new UsageException($"{option}: {error}");
}
