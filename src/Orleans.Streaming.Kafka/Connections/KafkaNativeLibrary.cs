using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.InteropServices;
using Confluent.Kafka;

namespace Orleans.Streaming.Kafka;

/// <summary>Selects the build of librdkafka for the process.</summary>
/// <remarks>
/// The default build of Confluent.Kafka needs libsasl2.so.3, which some distributions lack: Debian has libsasl2.so.2. The client
/// then loads any librdkafka of the system, however old, and fails at the first missing function. This class tries the builds of
/// the package in order. It respects a resolver that the application has set for the client's assembly.
/// </remarks>
public static class KafkaNativeLibrary
{
    /// <summary>The name of the library in P/Invoke declarations.</summary>
    public const string Name = "librdkafka";

    private static readonly string[] Builds = ["librdkafka.so", "centos8-librdkafka.so", "alpine-librdkafka.so"];
    private static readonly Lazy<nint> Handle = new(Find);
    private static readonly ConcurrentDictionary<Assembly, bool> Resolved = new();

    static KafkaNativeLibrary() => UseIn(typeof(Library).Assembly);

    /// <summary>Selects the library for Confluent.Kafka. Call it before the first use of a Kafka client.</summary>
    public static void Load()
    {
        // The static constructor has done it.
    }

    /// <summary>Selects the same library for the P/Invoke declarations of another assembly, and for Confluent.Kafka.</summary>
    /// <param name="assembly">The assembly with declarations for <see cref="Name"/>.</param>
    public static void UseIn(Assembly assembly)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        if (!OperatingSystem.IsLinux() || !Resolved.TryAdd(assembly, true))
        {
            return;
        }

        try
        {
            NativeLibrary.SetDllImportResolver(assembly, static (name, _, _) => name == Name ? Handle.Value : 0);
        }
        catch (InvalidOperationException)
        {
            // The application has set its own resolver, and an assembly can have only one.
        }
    }

    /// <returns>The handle; 0 lets the runtime search in its own way.</returns>
    private static nint Find()
    {
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
