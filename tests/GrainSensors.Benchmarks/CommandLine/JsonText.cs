using System.Text.Json;

namespace GrainSensors.Benchmarks.CommandLine;

/// <summary>How measurements are printed for programs.</summary>
internal static class JsonText
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
    };

    public static void Print(object measurements) => Console.WriteLine(JsonSerializer.Serialize(measurements, Options));
}
