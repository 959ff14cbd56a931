using System.Runtime.InteropServices;

namespace GrainSensors.Storage.Files;

/// <summary>Which file a path leads to, whatever links it goes by.</summary>
/// <param name="Device">The file system.</param>
/// <param name="Inode">The number of the file in it.</param>
/// <param name="Links">The number of names that lead to the file.</param>
public readonly partial record struct FileIdentity(ulong Device, ulong Inode, uint Links)
{
    private const int CurrentFolder = -100;
    private const uint BasicStats = 0x7FF;
    private const int KindOfFile = 0xF000;
    private const int OrdinaryFile = 0x8000;

    /// <returns>Null: there is no ordinary file, or the operating system does not say.</returns>
    public static FileIdentity? Of(string path)
    {
        try
        {
            return OperatingSystem.IsLinux() && GetStatus(CurrentFolder, path, 0, BasicStats, out var status) == 0
                && (status.Mode & KindOfFile) == OrdinaryFile
                ? new(((ulong)status.DeviceMajor << 32) | status.DeviceMinor, status.Inode, status.Links)
                : null;
        }
        catch (EntryPointNotFoundException)
        {
            return null;
        }
    }

    /// <returns>Whether both paths lead to one ordinary file, or will do so once it is there.</returns>
    public static bool AreSame(string path, string other) =>
        Of(path) is { } file && Of(other) is { } same
            ? (file.Device, file.Inode) == (same.Device, same.Inode)
            : !File.Exists(path) && Target(path).Equals(Target(other), StringComparison.Ordinal);

    private static string Target(string path)
    {
        var full = Path.GetFullPath(path);
        return new FileInfo(full).LinkTarget is null ? full : File.ResolveLinkTarget(full, returnFinalTarget: true)!.FullName;
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int GetStatus(int folder, string path, int flags, uint mask, out Status status);

    /// <summary>The part of Linux' <c>struct statx</c> that is read. Its layout is the same on every processor.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Status
    {
        [FieldOffset(16)]
        public uint Links;

        [FieldOffset(28)]
        public ushort Mode;

        [FieldOffset(32)]
        public ulong Inode;

        [FieldOffset(136)]
        public uint DeviceMajor;

        [FieldOffset(140)]
        public uint DeviceMinor;
    }
}
