using System.Text.RegularExpressions;

namespace GrainSensors.EndToEnd.Tests.Deployment;

/// <summary>Names of images, <c>repository:tag</c>.</summary>
internal static partial class ImageName
{
    /// <summary>The tag names a version to the minor number at least.</summary>
    public static void AssertPinned(string image) =>
        Assert.True(Pinned().IsMatch(image), $"{image} is another image tomorrow: its tag needs a version with a minor number.");

    [GeneratedRegex(@"^[a-z0-9./-]+:v?\d+\.\d+[\w.-]*$")]
    private static partial Regex Pinned();
}
