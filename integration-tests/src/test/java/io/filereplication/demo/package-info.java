/** Tests of the demo's own parts: data, protocol, processes, checks and display, with a fake in the place of the node. */
package io.filereplication.demo;
