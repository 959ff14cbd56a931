using System.CommandLine;
using Npgsql;

namespace GrainSensors.Benchmarks.CommandLine;

/// <summary>Options that several scenarios have.</summary>
internal static class ServerOptions
{
    public static Option<string?> Kafka() => new("--kafka")
    {
        HelpName = "HOST:PORT",
        Description = "A broker; the topics are new ones, and deleted [default: the embedded one, a process of its own]",
    };

    public static Option<string?> Postgres()
    {
        var option = new Option<string?>("--postgres")
        {
            HelpName = "CONNECTION",
            Description = "A server; databases are new ones, and dropped "
                + "[default: a throw-away server without fsync, where its programs are installed]",
        };
        option.Validators.Add(result =>
        {
            try
            {
                _ = new NpgsqlConnectionStringBuilder(result.GetValueOrDefault<string?>());
            }
            catch (ArgumentException e)
            {
                result.AddError($"--postgres is no connection string ({e.Message}); "
                    + "give one such as \"Host=localhost;Username=me;Database=postgres\".");
            }
        });
        return option;
    }

    public static Option<bool> Json() => new("--json") { Description = "Print the measurements as JSON" };

    public static Option<int> Partitions() => NumberOption.Of("--partitions", "Of the topic", 16, 1, 1000);
}
