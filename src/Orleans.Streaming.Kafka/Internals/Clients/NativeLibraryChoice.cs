using System.Runtime.InteropServices;
using Confluent.Kafka;

namespace Orleans.Streaming.Kafka.Internals.Clients;

/// <summary>
/// Chooses a build of librdkafka that loads. The first of the client's package wants a libsasl2 of a name that some
/// distributions do not have (Debian's is libsasl2.so.2); the client then takes any librdkafka of the system, however old,
/// and fails at the first call that is missing there.
/// </summary>
/// <remarks>An application that has chosen for itself, with a resolver for the client's assembly, is left alone.</remarks>
internal static class NativeLibraryChoice
{
    private const string Name = "librdkafka";
    private static readonly string[] Builds = ["librdkafka.so", "centos8-librdkafka.so", "alpine-librdkafka.so"];
    private static readonly Lazy<nint> Handle = new(Find);

    static NativeLibraryChoice()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        try
        {
            NativeLibrary.SetDllImportResolver(typeof(Library).Assembly, static (name, _, _) => name == Name ? Handle.Value : 0);
        }
        catch (InvalidOperationException)
        {
            // There is one.
        }
    }

    /// <summary>To be called before anything of the client is used.</summary>
    public static void Ensure()
    {
        // Runs the static constructor.
    }

    /// <returns>0: let the runtime look for it in its own way.</returns>
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
