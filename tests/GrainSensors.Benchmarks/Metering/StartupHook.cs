using System.Diagnostics.CodeAnalysis;
using System.Runtime.Loader;
using GrainSensors.Benchmarks.Metering;

/// <summary>
/// Runs before Main in a process that is started with <c>DOTNET_STARTUP_HOOKS</c>, and measures it from inside: a process
/// that is measured is the shipped one, not one built for it.
/// </summary>
[SuppressMessage("Design", "CA1050:Declare types in namespaces", Justification = "The runtime looks for it by this name.")]
internal static class StartupHook
{
    public static void Initialize()
    {
        if (Environment.GetEnvironmentVariable(Meter.FileVariable) is { Length: > 0 } file)
        {
            // Orleans looks through the references of every assembly that is loaded, and the silo knows nothing of those of this one.
            var directory = Path.GetDirectoryName(typeof(StartupHook).Assembly.Location)!;
            AssemblyLoadContext.Default.Resolving += (context, name) =>
                Path.Combine(directory, $"{name.Name}.dll") is var path && File.Exists(path) ? context.LoadFromAssemblyPath(path) : null;
            Meter.Start(file);
        }
    }
}
