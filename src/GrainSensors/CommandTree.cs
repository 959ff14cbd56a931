using System.CommandLine;
using GrainSensors.Broker;
using GrainSensors.DeadLetters;
using GrainSensors.Keys;
using GrainSensors.Logs;
using GrainSensors.Migrate;
using GrainSensors.Produce;
using GrainSensors.Reconcile;
using GrainSensors.Replay;
using GrainSensors.Report;
using GrainSensors.Run;
using GrainSensors.Sensors;
using GrainSensors.Silences;
using GrainSensors.Silo;
using GrainSensors.Status;

namespace GrainSensors;

/// <summary>The root command with all commands below it.</summary>
internal static class CommandTree
{
    public static RootCommand Create() => new(
        """
        GrainSensors: sensor readings through Kafka into exact windows, on a cluster of virtual actors.

        Without a command it does `run`: everything in this process, with simulated sensors and no server needed.
        Every option is also a key of appsettings.json, section GrainSensors, and an environment variable such as
        GrainSensors__Period=PT1M. Exit codes: 0 done, 2 could not run, 3 done but something was rejected.
        """)
    {
        RunCommand.Create(),
        SiloCommand.Create(),
        StatusCommand.Create(),
        ReplayCommand.Create(),
        ProduceCommand.Create(),
        MigrateCommand.Create(),
        DeadLettersCommand.Create(),
        ReconcileCommand.Create(),
        ReportCommand.Create(),
        LogsCommand.Create(),
        SilenceCommand.Create(),
        SensorsCommand.Create(),
        BrokerCommand.Create(),
        KeyCommand.Create(),
    };
}
