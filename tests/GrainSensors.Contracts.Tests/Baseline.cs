using System.Runtime.CompilerServices;

namespace GrainSensors.Contracts.Tests;

/// <summary>A recorded file in this folder. Tests compare with it and rewrite it only on request.</summary>
internal static class Baseline
{
    private const string Variable = "GRAINSENSORS_UPDATE_CONTRACTS";

    /// <summary>The instruction at the end of a failure message.</summary>
    public const string HowToUpdate =
        $"If the change is intended and compatible with silos of the previous version (see {nameof(ContractTests)}), "
        + $"run these tests once with {Variable}=1, build again, and commit the changed file.";

    public static bool IsUpdated => Environment.GetEnvironmentVariable(Variable) == "1";

    public static string Read(string file)
    {
        using var stream = typeof(Baseline).Assembly.GetManifestResourceStream(file)
            ?? throw new InvalidOperationException($"There is no baseline {file} in this assembly.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    public static void Write(string file, string text, [CallerFilePath] string source = "") =>
        File.WriteAllText(Path.Combine(Path.GetDirectoryName(source)!, file), text);
}
