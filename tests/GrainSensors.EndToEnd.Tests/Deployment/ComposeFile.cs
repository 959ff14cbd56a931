using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace GrainSensors.EndToEnd.Tests.Deployment;

/// <summary>docker-compose.yml, as strictly as it can be read: a key that is not here is an error, as a misspelt one should be.</summary>
internal sealed class ComposeFile
{
    public string Name { get; set; } = "";

    public Dictionary<string, ComposeService> Services { get; set; } = [];

    public Dictionary<string, object?> Volumes { get; set; } = [];

    [YamlMember(Alias = "x-logging", ApplyNamingConventions = false)]
    public object? Logging { get; set; }

    [YamlMember(Alias = "x-kafka-environment", ApplyNamingConventions = false)]
    public object? KafkaEnvironment { get; set; }

    [YamlMember(Alias = "x-silo-environment", ApplyNamingConventions = false)]
    public object? SiloEnvironment { get; set; }

    [YamlMember(Alias = "x-silo", ApplyNamingConventions = false)]
    public object? Silo { get; set; }

    [YamlMember(Alias = "x-neighbour", ApplyNamingConventions = false)]
    public object? Neighbour { get; set; }

    [YamlMember(Alias = "x-job", ApplyNamingConventions = false)]
    public object? Job { get; set; }

    [YamlMember(Alias = "x-reconcile-environment", ApplyNamingConventions = false)]
    public object? ReconcileEnvironment { get; set; }

    /// <summary>Those that run the command <c>silo</c>, by their names.</summary>
    public IEnumerable<KeyValuePair<string, ComposeService>> Silos =>
        Services.Where(s => s.Value.Command.Count == 0 && s.Value.Image.StartsWith("grainsensors:", StringComparison.Ordinal));

    public static ComposeFile Load()
    {
        var text = RepositoryFiles.Read("docker-compose.yml");
        // Refuses a key that is there twice; once merged, one that overrides another looks the same.
        new YamlStream().Load(new StringReader(text));
        return new DeserializerBuilder()
            .WithNamingConvention(UnderscoredNamingConvention.Instance)
            .Build()
            .Deserialize<ComposeFile>(new MergingParser(new Parser(new StringReader(text))));
    }

    /// <summary>Puts in what the environment gives, as Compose does.</summary>
    /// <param name="required">In place of every variable that has no default.</param>
    public static string Interpolate(string text, string required) => Variable
        .Replace(text, match => match.Groups["default"].Success ? match.Groups["default"].Value : required)
        .Replace("$$", "$", StringComparison.Ordinal);

    /// <summary><c>${NAME:-default}</c> or <c>${NAME:?message}</c>; nothing else is used.</summary>
    public static Regex Variable { get; } = new(@"\$\{(?<name>\w+):(-(?<default>[^}]*)|\?(?<message>[^}]+))\}");
}

internal sealed class ComposeService
{
    public string Image { get; set; } = "";

    public ComposeBuild? Build { get; set; }

    public string PullPolicy { get; set; } = "";

    public List<string> Profiles { get; set; } = [];

    public string Restart { get; set; } = "";

    public bool Init { get; set; }

    public bool ReadOnly { get; set; }

    public List<string> Tmpfs { get; set; } = [];

    public List<string> CapDrop { get; set; } = [];

    public List<string> CapAdd { get; set; } = [];

    public List<string> SecurityOpt { get; set; } = [];

    public string MemLimit { get; set; } = "";

    public string ShmSize { get; set; } = "";

    public string StopGracePeriod { get; set; } = "";

    public string Hostname { get; set; } = "";

    public object? Logging { get; set; }

    public List<string> Entrypoint { get; set; } = [];

    public List<string> Command { get; set; } = [];

    public Dictionary<string, string> Environment { get; set; } = [];

    public List<string> Ports { get; set; } = [];

    public List<string> Volumes { get; set; } = [];

    public Dictionary<string, ComposeDependency> DependsOn { get; set; } = [];

    public ComposeHealth? Healthcheck { get; set; }

    /// <summary>The files and folders of this repository that are mounted.</summary>
    public IEnumerable<string> MountedFiles => Volumes.Where(IsFile).Select(volume => volume.Split(':')[0]);

    /// <summary>The named volumes that are mounted.</summary>
    public IEnumerable<string> MountedVolumes => Volumes.Where(volume => !IsFile(volume)).Select(volume => volume.Split(':')[0]);

    private static bool IsFile(string volume) => volume.StartsWith("./", StringComparison.Ordinal);
}

internal sealed class ComposeBuild
{
    public string Context { get; set; } = "";

    public string Dockerfile { get; set; } = "";
}

internal sealed class ComposeDependency
{
    public string Condition { get; set; } = "";
}

internal sealed class ComposeHealth
{
    public List<string> Test { get; set; } = [];

    public string Interval { get; set; } = "";

    public string Timeout { get; set; } = "";

    public int Retries { get; set; }

    public string StartPeriod { get; set; } = "";
}
