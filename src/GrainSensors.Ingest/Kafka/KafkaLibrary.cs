using System.Reflection;
using System.Runtime.InteropServices;
using Confluent.Kafka;

namespace GrainSensors.Ingest.Kafka;

/// <summary>
/// Chooses the native librdkafka once for the whole process.
/// </summary>
/// <remarks>
/// The package's default build wants a libsasl2 that some distributions do not have (Debian names it libsasl2.so.2).
/// The client then falls back by itself, but to any librdkafka of the system, however old, and fails at the first call
/// that is missing there. So the builds of the package are tried in order, by path.
/// </remarks>
internal static class KafkaLibrary
{
    public const string Name = "librdkafka";

    private static readonly string[] Builds = ["librdkafka.so", "centos8-librdkafka.so", "alpine-librdkafka.so"];
    private static readonly Lazy<nint> Handle = new(Find);

    static KafkaLibrary()
    {
        NativeLibrary.SetDllImportResolver(typeof(KafkaLibrary).Assembly, Resolve);
        try
        {
            NativeLibrary.SetDllImportResolver(typeof(Library).Assembly, Resolve);
        }
        catch (InvalidOperationException)
        {
            // Another library of this process has chosen for the client already, as the stream provider does: in the same way.
        }
    }

    /// <summary>To be called before anything of the client is used.</summary>
    public static void Load()
    {
        // Runs the static constructor.
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path) => name == Name ? Handle.Value : 0;

    /// <returns>0: let the runtime look for it in its own way.</returns>
    private static nint Find()
    {
        if (!OperatingSystem.IsLinux())
        {
            return 0;
        }

        var runtime = $"linux-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";
        string[] folders = [Path.Combine(AppContext.BaseDirectory, "runtimes", runtime, "native"), AppContext.BaseDirectory];
        foreach (var file in from folder in folders from build in Builds select Path.Combine(folder, build))
        {
            if (File.Exists(file) && NativeLibrary.TryLoad(file, out var handle))
            {
                return handle;
            }
        }

        return 0;
    }
}
