using System.Text.RegularExpressions;

namespace GrainSensors.EndToEnd.Tests.Deployment;

/// <summary>Names of images, <c>repository:tag</c>, with or without a digest.</summary>
internal static partial class ImageName
{
    /// <summary>The tag names a version to the minor number at least.</summary>
    public static void AssertPinned(string image) =>
        Assert.True(Pinned().IsMatch(image), $"{image} is another image tomorrow: its tag needs a version with a minor number.");

    [GeneratedRegex(@"^[a-z0-9./-]+:v?\d+\.\d+[\w.-]*(@sha256:[0-9a-f]{64})?$")]
    private static partial Regex Pinned();
}
