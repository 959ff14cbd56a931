using System.Reflection;
using Microsoft.Extensions.Logging;

namespace GrainSensors.EndToEnd.Tests.Telemetry;

/// <summary>The log events of the assemblies of <c>src</c>, as their attributes declare them.</summary>
internal sealed record LogEvent(int Id, LogLevel Level, string Message, string Floor, string Method)
{
    private const BindingFlags Declared =
        BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <summary>The thousands of the numbers of each assembly.</summary>
    public static IReadOnlyDictionary<string, int> Thousands { get; } = new Dictionary<string, int>
    {
        ["GrainSensors.Ingest"] = 1,
        ["GrainSensors.Storage"] = 2,
        ["GrainSensors.Grains"] = 3,
        ["GrainSensors.Contacts"] = 3,
        ["GrainSensors.Hosting"] = 4,
        ["GrainSensors.Web"] = 4,
        ["grainsensors"] = 4,
        ["GrainSensors.Reconciliation"] = 5,
        ["GrainSensors.Reconciliation.Spark"] = 5,
        ["Orleans.Streaming.Kafka"] = 6,
        ["GrainSensors.Mqtt"] = 7,
    };

    /// <summary>By id.</summary>
    public static IReadOnlyList<LogEvent> All { get; } =
    [
        .. from assembly in Assemblies()
           from type in assembly.GetTypes()
           from method in type.GetMethods(Declared)
           let attribute = method.GetCustomAttribute<LoggerMessageAttribute>()
           where attribute is not null
           orderby attribute.EventId
           let name = $"{type.Name}.{method.Name}"
           select new LogEvent(attribute.EventId, attribute.Level, attribute.Message, assembly.GetName().Name!, name),
    ];

    /// <summary>The row of docs/observability.md.</summary>
    public string Row => $"| {Id} | {Level} | {Message.Replace("|", "\\|", StringComparison.Ordinal)} |";

    private static IEnumerable<Assembly> Assemblies() => Directory.GetFiles(AppContext.BaseDirectory, "*.dll")
        .Select(Path.GetFileNameWithoutExtension)
        .Where(name => Thousands.ContainsKey(name!) || (name!.StartsWith("GrainSensors.", StringComparison.Ordinal) && !IsTest(name)))
        .Select(name => Assembly.Load(name!));

    private static bool IsTest(string assembly) => assembly.EndsWith(".Tests", StringComparison.Ordinal);
}
