using GrainSensors.Reconciliation.Spark;
using Npgsql;

namespace GrainSensors.EndToEnd.Tests.Reconciliation;

/// <summary>
/// A folder that looks like a Spark installation. Its spark-submit records its arguments and writes the rows of a test into the
/// staging tables.
/// </summary>
internal sealed class FakeSpark
{
    private const string Version = "3.5.1", Scala = "2.12";
    private readonly TemporaryDirectory _folder;

    public FakeSpark(TemporaryDirectory folder)
    {
        _folder = folder;
        Home = Directory.CreateDirectory(folder.File("spark")).FullName;
        Job = Directory.CreateDirectory(folder.File("job")).FullName;
        foreach (var file in new[]
        {
            $"{Home}/bin/spark-submit", $"{Home}/jars/spark-core_{Scala}-{Version}.jar", $"{Job}/GrainSensors.Reconciliation.Spark.dll",
            $"{Job}/microsoft-spark-3-5_{Scala}-2.3.0.jar", folder.File("kafka.jar"), folder.File("driver.jar"),
        })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, "");
        }
    }

    public string Home { get; }

    public string Job { get; }

    public string KafkaJar => _folder.File("kafka.jar");

    public string DriverJar => _folder.File("driver.jar");

    /// <summary>The recorded arguments of spark-submit.</summary>
    public string[] Arguments => File.ReadAllLines(_folder.File("arguments"));

    /// <summary>The recorded options of the job.</summary>
    public string Options => File.ReadAllText(_folder.File("options.json"));

    /// <summary>The permissions of the options file, such as 600.</summary>
    public string OptionsMode => File.ReadAllText(_folder.File("mode")).Trim();

    public SparkOptions SparkOptions => new("local[2]", Home, Job, KafkaJar, DriverJar);

    /// <param name="values">Rows of reconciliation_staging in SQL; :'run' stands for the id of the run.</param>
    /// <param name="exitCode">The exit code of spark-submit.</param>
    public void Prepare(string connectionString, string values, string offsets = "", int exitCode = 0) =>
        PrepareStatement(connectionString, $"VALUES {values}", offsets, exitCode);

    /// <param name="windows">The statement whose rows are those of reconciliation_staging; :'run' stands for the id of the run.</param>
    public void PrepareStatement(string connectionString, string windows, string offsets = "", int exitCode = 0)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        var insertOffsets = offsets.Length == 0 ? "" : $"INSERT INTO reconciliation_offsets VALUES {offsets};";
        File.WriteAllText(_folder.File("result.sql"), $"INSERT INTO reconciliation_staging {windows};\n{insertOffsets}\n");
        File.WriteAllText(
            $"{Home}/bin/spark-submit",
            $$"""
            #!/bin/bash
            set -e
            printf '%s\n' "$@" > {{_folder.File("arguments")}}
            options="${@: -1}"
            cp "$options" {{_folder.File("options.json")}}
            stat -c %a "$options" > {{_folder.File("mode")}}
            run=$(sed -n 's/.*"RunId":"\([^"]*\)".*/\1/p' "$options")
            psql -q -v ON_ERROR_STOP=1 -v run="$run" -h 127.0.0.1 -p {{settings.Port}} -U postgres -d {{settings.Database}} \
                -f {{_folder.File("result.sql")}}
            echo "password: $(sed -n 's/.*"JdbcPassword":"\([^"]*\)".*/\1/p' "$options")" >&2
            for i in 1 2 3 4 5 6; do echo "26/12/01 10:00:0$i INFO ShutdownHookManager: Shutdown hook called" >&2; done
            exit {{exitCode}}
            """);
#pragma warning disable CA1416 // The tests start Unix servers and shells.
        File.SetUnixFileMode($"{Home}/bin/spark-submit", UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.UserWrite);
#pragma warning restore CA1416
    }
}
