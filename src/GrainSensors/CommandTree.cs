using System.CommandLine;
using GrainSensors.Broker;
using GrainSensors.ContactPoints;
using GrainSensors.DeadLetters;
using GrainSensors.Hosting.Lifetime;
using GrainSensors.Invocation;
using GrainSensors.Keys;
using GrainSensors.Logs;
using GrainSensors.Map;
using GrainSensors.Migrate;
using GrainSensors.Produce;
using GrainSensors.Recompute;
using GrainSensors.Reconcile;
using GrainSensors.Replay;
using GrainSensors.Report;
using GrainSensors.Routes;
using GrainSensors.Rules;
using GrainSensors.Run;
using GrainSensors.Sensors;
using GrainSensors.Sessions;
using GrainSensors.Silences;
using GrainSensors.Silo;
using GrainSensors.Status;

namespace GrainSensors;

/// <summary>The root command with all commands below it.</summary>
internal static class CommandTree
{
    public static RootCommand Create() => CommandHelp.AddTo(new(
        $"""
        Exact time windows of sensor readings, from Kafka into PostgreSQL. COMMAND --help has more.

        {ExitCodes.Summary}
        """)
    {
        RunCommand.Create(),
        SiloCommand.Create(),
        StatusCommand.Create(),
        ReplayCommand.Create(),
        MapCommand.Create(),
        ProduceCommand.Create(),
        DeadLettersCommand.Create(),
        ReconcileCommand.Create(),
        RecomputeCommand.Create(),
        ReportCommand.Create(),
        LogsCommand.Create(),
        SilenceCommand.Create(),
        RulesCommand.Create(),
        ContactsCommand.Create(),
        RoutesCommand.Create(),
        SensorsCommand.Create(),
        MigrateCommand.Create(),
        KeyCommand.Create(),
        SessionCommand.Create(),
        BrokerCommand.Create(),
    });
}
